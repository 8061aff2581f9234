"""Tables, figures and pages made from measured results and from the published ones, never mixed."""
