"""A small physically based renderer of paired visible and thermal street scenes."""
