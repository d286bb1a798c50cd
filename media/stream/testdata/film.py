#!/usr/bin/python3
# A camera by GStreamer that shows a film in real time, for tests: prints the port it listens on.
# Arguments: file (MOV), codec of the picture (h264, h265), codec of the sound (aac, alaw, mulaw).
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
film, picture, sound = sys.argv[1:4]

pay = {
    # parameter sets in band with each key frame, as most cameras do
    "h264": "h264parse ! rtph264pay config-interval=-1",
    "h265": "h265parse ! rtph265pay config-interval=-1",
    "aac": "aacparse ! rtpmp4gpay",
    "alaw": "rtppcmapay",
    "mulaw": "rtppcmupay",
}
types = {"aac": 97, "alaw": 8, "mulaw": 0}

factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f'( filesrc location="{film}" ! qtdemux name=d'
    f" d.video_0 ! queue ! {pay[picture]} name=pay0 pt=96"
    f" d.audio_0 ! queue ! {pay[sound]} name=pay1 pt={types[sound]} )"
)
factory.set_shared(True)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
