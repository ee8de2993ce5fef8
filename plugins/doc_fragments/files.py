# Copyright (c) the haweb.cluster team
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules that write several files say of them."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  files:
    description:
      - What to write, in this order. Each entry is one of four kinds.
      - With O(files[].content) it is a file; with O(files[].link) a symbolic link; with O(files[].absent) a
        file or link that is removed. Without these three it is a directory.
      - All new texts are validated before anything is written.
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The file, the link or the directory. The directory of a file or link must exist, or come before it
            in the list.
        type: path
        required: true
      content:
        description:
          - The whole text of the file.
        type: str
      link:
        description:
          - The target of the symbolic link, as it will stand in the link. It need not exist. The link
            replaces a file, but not a directory.
        type: str
      absent:
        description:
          - Whether to remove the file or link. A directory is not removed. The diff does not show the text.
        type: bool
        default: false
      mode:
        description:
          - The mode of the file or directory, as an octal number. Both need one; the other kinds have none.
        type: str
      owner:
        description:
          - The owner. The default is root for a new file, and no change for an existing one.
        type: str
      group:
        description:
          - The group. The default is root for a new file, and no change for an existing one.
        type: str
      validate:
        description:
          - A command that validates the new text. C(%s) in it is the path of a file with this text. If the
            command fails, the module writes nothing.
        type: str
      secret:
        description:
          - Whether to keep the old and the new text of the file out of the diff and of all other output of
            the module. Other files of the same run keep their diffs.
          - Use C(no_log) for the task, too, if the text is a key or a password. Ansible itself knows the
            arguments, and some of its plugins show or save them.
        type: bool
        default: false
"""
