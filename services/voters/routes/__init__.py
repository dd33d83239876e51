"""HTTP into voters: imports, universes, the vault for other services, erasures."""
