"""Sphinx's settings for the site. `make docs` adds README.md and the pages of roles, modules and filters."""

project = "haweb.cluster"
project_copyright = "the haweb.cluster team, GPL-3.0-or-later"
html_title = "haweb.cluster"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
# Headings of these levels can be the targets of links.
myst_heading_anchors = 3
html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
# The theme limits pages to 1300 pixels, and cuts off wider tables.
html_css_files = ["wide.css"]
html_static_path = ["static"]
html_copy_source = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
# Some labels are in Ansible's own documentation, which a build without internet access cannot read.
suppress_warnings = ["ref.ref"]
