"""The one look of Phonebank: the shell its pages are rendered in, and the files they load."""
