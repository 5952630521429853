from django import template

from accounts import rights

register = template.Library()

register.filter("rights_in_short", rights.in_short)
