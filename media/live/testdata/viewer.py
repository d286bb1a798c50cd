# A WHEP viewer on GStreamer's webrtcbin: an independent WebRTC stack (libnice, its own DTLS and SRTP).
# viewer.py URL: says "frame" for each decoded picture with its size, "state NEW" for each change of the connection.
import sys
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

url = sys.argv[1]
Gst.init(None)
pipe = Gst.Pipeline.new("viewer")
rtc = Gst.ElementFactory.make("webrtcbin", "rtc")
rtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
pipe.add(rtc)
loop = GLib.MainLoop()


def say(*words):
    print(*words, flush=True)


def picture(_, pad, __):
    s = pad.get_current_caps().get_structure(0)
    say("frame", s.get_int("width")[1], s.get_int("height")[1])


def decoded(_, pad):
    sink = Gst.ElementFactory.make("fakesink")
    sink.set_property("sync", False)
    sink.set_property("signal-handoffs", True)
    sink.connect("handoff", lambda s, b, p: picture(s, p, b))
    pipe.add(sink)
    sink.sync_state_with_parent()
    pad.link(sink.get_static_pad("sink"))


def incoming(_, pad):
    if pad.direction != Gst.PadDirection.SRC:
        return
    decoder = Gst.ElementFactory.make("decodebin")
    decoder.connect("pad-added", decoded)
    pipe.add(decoder)
    decoder.sync_state_with_parent()
    pad.link(decoder.get_static_pad("sink"))


def answer():
    offer = rtc.get_property("local-description").sdp.as_text()
    request = urllib.request.Request(url, data=offer.encode(), headers={"Content-Type": "application/sdp"}, method="POST")
    with urllib.request.urlopen(request) as reply:
        say("status", reply.status, reply.headers["Location"])
        body = reply.read().decode()
    _, sdp = GstSdp.SDPMessage.new_from_text(body)
    rtc.emit("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp), Gst.Promise.new())


def gathered(*_):
    if rtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        GLib.idle_add(lambda: answer() and False)


def offered(promise, *_):
    promise.wait()
    reply = promise.get_reply()  # holds the offer
    rtc.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())


def negotiate(*_):
    rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(offered, None))


def failed(_, message):
    say("error", message.parse_error())
    loop.quit()


rtc.connect("on-negotiation-needed", negotiate)
rtc.connect("notify::ice-gathering-state", gathered)
rtc.connect("notify::connection-state", lambda *_: say("state", rtc.get_property("connection-state").value_nick))
rtc.connect("pad-added", incoming)
bus = pipe.get_bus()
bus.add_signal_watch()
bus.connect("message::error", failed)
caps = Gst.Caps.from_string(
    "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,"
    "packetization-mode=(string)1,profile-level-id=(string)42e01f,level-asymmetry-allowed=(string)1,"
    "rtcp-fb-nack-pli=(boolean)true,rtcp-fb-nack=(boolean)true"
)
rtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, caps)
pipe.set_state(Gst.State.PLAYING)
try:
    loop.run()
finally:
    pipe.set_state(Gst.State.NULL)
