import numpy as np
from PIL import Image

from reports.gallery import full_frame


def test_a_cropped_prediction_lies_where_it_belongs():
    prediction = Image.fromarray(np.full((10, 20), 200, np.uint8))
    frame = np.asarray(full_frame(prediction, (4.0, 0.0, 44.0, 20.0), (48, 20)))
    assert frame.shape == (20, 48)
    assert (frame[:, 4:44] == 200).all()
    assert (frame[:, :4] == 128).all()
    assert (frame[:, 44:] == 128).all()
