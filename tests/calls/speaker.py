"""A voice for tests: `speaker.py TEXT FILE [RATE]` writes as much silence as the text has letters."""

import sys
import wave

text, file = sys.argv[1:3]
rate = int(sys.argv[3]) if len(sys.argv) > 3 else 8000
if "unspeakable" in text:
    sys.exit("no voice for that")
with wave.open(file, "wb") as sound:
    sound.setnchannels(1)
    sound.setsampwidth(2)
    sound.setframerate(rate)
    sound.writeframes(b"\0\0" * (len(text) * rate // 100))
