"""Ways to make infrared from visible: the method interface, the methods, and the networks that they share."""
