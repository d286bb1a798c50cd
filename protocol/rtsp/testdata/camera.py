#!/usr/bin/python3
# A camera by GStreamer, for tests: prints the port it listens on. Arguments: codec (h264, h265), user, password.
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
codec, user, password = (sys.argv[1:] + ["", "", ""])[:3]

video = {
    # parameter sets travel in band only, a key frame every 300 frames
    "h264": "openh264enc gop-size=300 ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96",
    "h265": "x265enc key-int-max=50 speed-preset=ultrafast tune=zerolatency ! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=97",
}[codec]
sound = "audiotestsrc is-live=true ! audioconvert ! audioresample ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8"

factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1,format=I420 ! {video} {sound} )"
)
factory.set_shared(True)

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")

if user:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("user", "media.factory.access", True)
    permissions.add_permission_for_role("user", "media.factory.construct", True)
    factory.set_permissions(permissions)

server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
