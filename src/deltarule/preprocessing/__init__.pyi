from .image_arrays import fit_images as fit_images
from .pictures import prepare_picture as prepare_picture
from .pictures import read_pictures_for as read_pictures_for
from .preprocessing import Preprocessing as Preprocessing
from .scaling import Scaling as Scaling
from .standardization import NumberColumn as NumberColumn
from .standardization import Standardization as Standardization
from .standardization import WordColumn as WordColumn
