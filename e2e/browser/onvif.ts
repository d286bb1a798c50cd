// A camera's ONVIF side: answers a search of the network, and says where its streams are to whoever has the password.
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { networkInterfaces } from "node:os";

const GROUP = "239.255.255.250";

/** This machine's address on a network that can be searched; undefined where it has only itself. */
export function networkAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((a) => a?.family === "IPv4" && !a.internal)?.address;
}

export interface OnvifOptions {
  host: string;
  user: string;
  password: string;
  /** Where its streams really are: rtsp://host:port/name, below which main and sub lie. */
  streams: string;
}

const envelope = (body: string) =>
  `<?xml version="1.0"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="d" xmlns:trt="m" xmlns:tt="t"><env:Body>${body}</env:Body></env:Envelope>`;

const profile = (token: string, width: number, height: number) =>
  `<trt:Profiles token="${token}"><tt:Name>${token}</tt:Name><tt:VideoSourceConfiguration><tt:SourceToken>VS0</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:BitrateLimit>1024</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>`;

const NOT_ALLOWED = `<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>ter:NotAuthorized</env:Value></env:Subcode></env:Code><env:Reason><env:Text xml:lang="en">Sender not authorized</env:Text></env:Reason></env:Fault>`;

function allowed(body: string, o: OnvifOptions): boolean {
  const field = (name: string) => new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(body)?.[1] ?? "";
  const digest = createHash("sha1").update(Buffer.from(field("Nonce"), "base64")).update(field("Created")).update(o.password).digest("base64");
  return field("Username") === o.user && field("Password") === digest;
}

function answer(action: string, body: string, o: OnvifOptions): string {
  const now = new Date();
  switch (action) {
    case "GetSystemDateAndTime":
      return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
    case "GetDeviceInformation":
      return "<tds:GetDeviceInformationResponse><tds:Manufacturer>Linli</tds:Manufacturer><tds:Model>IPC-7</tds:Model><tds:FirmwareVersion>1</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>";
    case "GetCapabilities":
      return `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>http://${o.host}/onvif/media_service</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`;
    case "GetProfiles":
      return `<trt:GetProfilesResponse>${profile("main", 1280, 720)}${profile("sub", 640, 360)}</trt:GetProfilesResponse>`;
    case "GetStreamUri":
      return `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${o.streams}/${body.includes(">sub<") ? "sub" : "main"}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`;
    default:
      return `<trt:${action}Response/>`;
  }
}

export async function onvifDevice(o: OnvifOptions): Promise<{ port: number; stop(): void }> {
  const http = createServer((request, reply) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      const action = /action="[^"]*\/(\w+)"/.exec(request.headers["content-type"] ?? "")?.[1] ?? "";
      const may = action === "GetSystemDateAndTime" || allowed(body, o);
      reply.writeHead(may ? 200 : 400, { "Content-Type": "application/soap+xml" });
      reply.end(envelope(may ? answer(action, body, o) : NOT_ALLOWED));
    });
  });
  await new Promise<void>((done) => http.listen(0, o.host, done));
  const address = http.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (message, from) => {
    const id = /<[\w:]*MessageID[^>]*>([^<]+)</.exec(message.toString())?.[1];
    if (!id) return;
    const match = `<?xml version="1.0"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><env:Header><a:RelatesTo>${id}</a:RelatesTo></env:Header><env:Body><d:ProbeMatches><d:ProbeMatch><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/IPC-7 onvif://www.onvif.org/hardware/IPC-7</d:Scopes><d:XAddrs>http://${o.host}:${port}/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></env:Body></env:Envelope>`;
    socket.send(match, from.port, from.address);
  });
  await new Promise<void>((done, fail) => {
    socket.once("error", fail);
    socket.bind(3702, () => {
      socket.addMembership(GROUP, o.host);
      done();
    });
  });
  return {
    port,
    stop() {
      socket.close();
      http.close();
    },
  };
}
