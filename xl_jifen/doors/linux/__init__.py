"""What the portable bundle (便携版) does on a Linux desktop (信创桌面): one icon that opens the desk."""
