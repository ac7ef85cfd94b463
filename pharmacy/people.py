"""Whom a form about the stock may name."""

from django.db.models import Q

from security.models import User
from security.permissions import P


def people_with(permission: P):
    """Everybody at work who holds the permission, by name."""
    codename = permission.codename
    holds = Q(groups__permissions__codename=codename) | Q(user_permissions__codename=codename)
    return User.objects.filter(holds, is_active=True).order_by("full_name").distinct()
