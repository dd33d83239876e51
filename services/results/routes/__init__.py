"""HTTP into results: calls in, tallies out."""
