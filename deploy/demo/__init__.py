"""Made-up people and places to try Phonebank with: nobody in here is real."""
