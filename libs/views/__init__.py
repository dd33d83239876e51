"""Read models: pure folds over facts, kept right through repeats, races and rebuilds."""
