"""HTTP into gotv: dashboards, lists, a voter's status, and the pages."""
