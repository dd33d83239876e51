"""What only the house of containers needs: checks of health, and the replica set's first start."""
