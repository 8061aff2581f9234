"""Training, prediction and measurement: one trainer, one scorer, one record of what was done."""
