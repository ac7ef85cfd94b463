"""Framework events that become entries: sign-in, failed sign-in, sign-out; and the role sync."""

from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import receiver

from security import audit, entries, own_sessions, second_factor
from security.models import DeviceUnlock, User
from security.roles import sync_roles
from security.signin import name_for_lockout


@receiver(user_logged_in, dispatch_uid="audit_logged_in")
def logged_in(sender, request, user, **kwargs):
    own_sessions.note_sign_in(request, user)
    second_factor.note_sign_in(request, user)
    context = entries.current()
    address = context.address if context else None
    with audit.acting(audit.Acting(get_user=lambda: user, address=address, screen="login")):
        audit.record("sign_in", target=user)


@receiver(user_login_failed, dispatch_uid="audit_login_failed")
def login_failed(sender, credentials, request=None, **kwargs):
    # What was typed as a user name may be a password; only a mark of an unknown name is kept.
    account = name_for_lockout(request, credentials)
    audit.record("sign_in", outcome="failed", screen="login", data={"account": account})


@receiver(user_logged_out, dispatch_uid="audit_logged_out")
def logged_out(sender, request, user, **kwargs):
    if user is not None:
        own_sessions.note_sign_out(request)
        audit.record("sign_out", target=user)


@receiver(post_save, sender=User, dispatch_uid="end_sessions_of_closed")
def closed(sender, instance, **kwargs):
    """A closed account is signed out for good: opened again, its old cookies are worth nothing."""
    if not instance.is_active:
        own_sessions.end_sessions(user=instance)
        DeviceUnlock.objects.filter(user=instance).delete()


def sync_roles_at_the_end(sender, **kwargs):
    """Roles need every app's permissions, so they are written when the last app has migrated."""
    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    if sender == last:
        sync_roles()
