"""The last words of set-up: where the clinic is, how to get in, what to do next."""

from installer.setup import listeners, service, words
from installer.setup.paths import package
from installer.setup.system import is_root
from installer.setup.work import Work, address


def say_where(work: Work) -> None:
    """Quiet or not, the place of the sheet is told: nobody gets in without it."""
    if work.running:  # still: there was nothing to do
        where = address("localhost", work.port)
        words.say(f"The clinic is installed and running at {where}.")
        return
    if not work.options.no_start:
        say_addresses(work)
    else:
        start = "clinic start" if package() else "./installer/serve.sh"
        words.say(f"Installed. Start it with {start} --data-dir {work.data.root}")
    if work.loaded:
        words.say(
            f"Loaded: {work.loaded.get('drugs', 0)} drugs, {work.loaded.get('diagnoses', 0)} "
            f"diagnoses, {work.loaded.get('interactions', 0)} interactions."
        )
    say_secrets(work)
    if work.passphrase_file:
        words.say(
            f"The keys are locked; the clinic starts only while {work.passphrase_file} is there."
        )
    warn_about_root(work)


def say_addresses(work: Work) -> None:
    words.say(f"The clinic is at {address('localhost', work.port)}")
    for one in work.listens():
        words.say(f"  for other computers: {one}")
    words.say(f"  browsers trust it once they know {work.data.tls / 'ca.crt'}")
    for one in work.screens():
        words.say(f"  for screens in the waiting room: {one}/display/")
    for one in listeners.public(work.settings):
        words.say(
            f"  for the reverse proxy of {one.host}: http://{one.address}:{one.port}/booking/"
        )
    if not service.installed(work.data):
        words.say("  nothing starts it again after a restart of this machine (--service does)")


def say_secrets(work: Work) -> None:
    """On the terminal and never in a log; the sheet holds them until the password was changed."""
    if work.demo_password:
        words.say(f"  Password of all demo accounts: {work.demo_password}", secret=True)
    if not work.one_time_password:
        return
    words.say(f"  Administrator: admin, one-time password: {work.one_time_password}", secret=True)
    words.be_quiet(False)
    words.say(f"  Print these sheets now: {work.first}")
    words.say("  They hold secrets; they are deleted as soon as admin has a password of their own.")
    words.be_quiet(work.options.quiet)


def warn_about_root(work: Work) -> None:
    """A service has an account of its own; everything else runs as whoever starts it."""
    if is_root() and not service.installed(work.data):
        words.say("  it runs as root: an intruder would own this machine; --service changes that")
