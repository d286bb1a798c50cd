#!/usr/bin/env bash
# Draws the demo's clips anew: all, or the scenes named (gate road parking yard). It takes some minutes for each.
# FFmpeg with x264 and x265 and the Noto CJK fonts must be there (Debian: ffmpeg fonts-noto-cjk). WORK=DIR keeps the drawn pictures there, so that only the encoding is repeated.
set -euo pipefail
cd "$(dirname "$0")"
work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"

# 2026-11-23 is a Monday. The pictures say what they are, so that nobody takes them for a real compound's.
day='星期一'
start=$(date -u -d '2026-11-23 15:30:00' +%s)
font="font='Noto Sans CJK SC'"

# words SIZE MARGIN NAME: the clock and the names on a picture.
words() {
	local ink="fontcolor=white:borderw=2:bordercolor=black@0.55"
	echo "drawtext=$font:fontsize=$1:$ink:x=$2:y=$2*0.8:text='%{pts\:gmtime\:$start\:%Y-%m-%d} $day %{pts\:gmtime\:$start\:%H\\\\\:%M\\\\\:%S}',"\
"drawtext=$font:fontsize=$1:$ink:x=w-tw-$2:y=h-th-$2*0.8:text='$3',"\
"drawtext=$font:fontsize=$1*0.8:$ink:x=$2:y=h-th-$2*0.8:text='演示画面 · 邻里'"
}

# clip NUMBER SCENE NAME CODEC SOUND EXTRA: one scene as main and sub.
wanted=" $* "
clip() {
	[ "$wanted" = "  " ] || [[ "$wanted" == *" $2 "* ]] || return 0
	local n=$1 scene=$2 name=$3 codec=$4 sound=$5 extra=$6 raw="$work/$2.mkv"
	if [ ! -s "$raw" ]; then
		echo "drawing $scene…"
		go run ./draw -scene "$scene" -rays "${RAYS:-25}" |
			ffmpeg -v error -y -f rawvideo -pix_fmt rgb24 -s 1280x720 -r 25 -i - -c:v ffv1 -level 3 "$raw.part.mkv"
		mv "$raw.part.mkv" "$raw"
	fi
	echo "encoding $scene…"
	# A key frame every 2 s, no B-frames: what a well-set camera sends, and what WebRTC can play.
	local avc=(-c:v libx264 -preset slower -profile:v high -bf 0 -g 50 -keyint_min 50 -sc_threshold 0 -x264-params "aq-mode=3:deblock=1,1")
	local main=("${avc[@]}" -crf 31 -maxrate 1400k -bufsize 2800k)
	[ "$codec" = h265 ] && main=(-c:v libx265 -preset medium -tag:v hvc1 -crf 33
		-x265-params "log-level=error:bframes=0:keyint=50:min-keyint=50:scenecut=0:open-gop=0:repeat-headers=0")
	local in=() map=()
	if [ "$sound" = yes ]; then # wind in the leaves and water, made of noise; sparrows, made of sines
		in=(-f lavfi -i "anoisesrc=c=pink:r=16000:a=0.05:s=7,highpass=f=250,lowpass=f=3200,tremolo=f=0.15:d=0.5[wind];
			aevalsrc='0.05*sin(2*PI*t*(4300+900*sin(2*PI*17*t)))*between(mod(t,5),1.2,1.75)*(0.5+0.5*sin(2*PI*9*t))+0.03*sin(2*PI*t*(5200+700*sin(2*PI*23*t)))*between(mod(t,4),2.6,2.95)':s=16000[birds];
			[wind][birds]amix=inputs=2:normalize=0,afade=t=in:d=0.05,afade=t=out:st=19.95:d=0.05")
		map=(-map 1:a -c:a aac -b:a 32k -ac 1 -t 20)
	fi
	ffmpeg -v error -y -i "$raw" "${in[@]}" -filter_complex "[0:v]${extra}split[a][b];[a]$(words 28 24 "$name")[m];[b]scale=640:360:flags=lanczos,$(words 18 14 "$name")[s]" \
		-map '[m]' "${main[@]}" -pix_fmt yuv420p "${map[@]}" -movflags +faststart "$work/$n-main.mp4" \
		-map '[s]' "${avc[@]}" -crf 31 -maxrate 400k -bufsize 800k -pix_fmt yuv420p "${map[@]}" -movflags +faststart "$work/$n-sub.mp4"
	mv "$work/$n-main.mp4" "$n-$scene-main.mp4" # whole or not at all
	mv "$work/$n-sub.mp4" "$n-$scene-sub.mp4"
}

board="drawtext=$font:fontsize=40:fontcolor=0xE9C46A:borderw=1:bordercolor=0x5a1510:x=633-tw/2:y=119-th/2:text='邻  里  家  园',"
clip 01 gate '01 大门' h264 no "$board"
clip 02 road '02 中心道路' h264 no ''
clip 03 parking '03 东侧停车场' h265 no ''
clip 04 yard '04 休闲广场' h264 yes ''
ls -l ./*.mp4
