"""The chime of the waiting-room screen, made here so that it is nobody else's:

python -m registration.chime static/sound/chime.wav
"""

import io
import math
import sys
import wave
from pathlib import Path

RATE = 8000  # samples in a second: small, and enough for two plain tones
NOTES = [(659.26, 0.0), (523.25, 0.4)]  # E5, then C5: ding, dong
SECONDS = 1.1


def samples() -> bytes:
    """Eight bits each: two tones that die away."""
    count = int(RATE * SECONDS)
    return bytes(128 + round(100 * _height(n / RATE)) for n in range(count))


def _height(at: float) -> float:
    return sum(_tone(pitch, at - begins) for pitch, begins in NOTES if at >= begins) / 1.5


def _tone(pitch: float, at: float) -> float:
    soft = min(at / 0.01, 1) * math.exp(-5 * at)
    return soft * (math.sin(2 * math.pi * pitch * at) + 0.2 * math.sin(6 * math.pi * pitch * at))


def as_wav() -> bytes:
    """A WAV file: every browser plays it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(samples())
    return file.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(as_wav())
