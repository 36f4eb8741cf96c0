"""How every form of the site is drawn."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "web/components/form.html"
    field_template_name = "web/components/field.html"
