"""The rules of handing out: lines, phone banks and scripts. Pure."""
