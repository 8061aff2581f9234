"""One file per public dataset; each declares it as SOURCE."""
