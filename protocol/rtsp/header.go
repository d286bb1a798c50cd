package rtsp

// Header holds header fields; keys in canonical MIME form except CSeq and the like, looked up without regard to case by Get.
type Header []Field

// Field is one header line.
type Field struct{ Key, Value string }
