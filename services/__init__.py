"""The five services. Never on sys.path: `queue` would shadow the standard library's."""
