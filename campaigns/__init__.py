"""What do we call about? Rules, figures and storage of campaigns; knows nothing of telephony."""
