"""How Sphinx builds the site; `make docs` puts the pages of roles, modules and filters beside these."""

project = "haweb.cluster"
html_title = "haweb.cluster"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
html_copy_source = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
# Some labels are in Ansible's own documentation, which a build without the internet cannot ask.
suppress_warnings = ["ref.ref"]
