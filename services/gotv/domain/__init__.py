"""The rules of gotv."""
