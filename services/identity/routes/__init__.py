"""HTTP into identity: accounts, sessions, organizations, campaigns, roles and their pages."""
