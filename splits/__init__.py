"""Named splits over one or more sources, pinned once built; `load` gives one as a torch dataset."""

from splits.load import load as load
