"""What tests share: real parts to run against, and how to wait for progress."""
