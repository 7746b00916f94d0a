"""Backup and restore: a project's state in one file, checked byte for byte on the way back."""

from siyu.app.backup.making import BackupMade, back_up
from siyu.app.backup.restoring import Restored, restore

__all__ = ["BackupMade", "Restored", "back_up", "restore"]
