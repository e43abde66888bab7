"""What is handed to somebody who asks for proof? One folder of plain files, and a check that finds what was changed.

`files_of` makes every file's bytes, `check_folder` compares a folder with itself, its receipts and its seal.
No database: values in, bytes out.
"""

from campaigns.evidence.checking import FolderChecked, check_folder
from campaigns.evidence.files import FILES, MANIFEST, files_of
from campaigns.evidence.material import EvidenceMaterial, OptOut, ShownReceipt
from campaigns.evidence.reading import FolderFault
from campaigns.evidence.summary import summary_of

__all__ = [
    "FILES",
    "MANIFEST",
    "EvidenceMaterial",
    "FolderChecked",
    "FolderFault",
    "OptOut",
    "ShownReceipt",
    "check_folder",
    "files_of",
    "summary_of",
]
