// Photos are made small on the phone, drawn anew: what the camera wrote beside the picture, the place above all, stays behind.
const LONGEST = 1600;

export async function shrink(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const by = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * by);
  canvas.height = Math.round(picture.height * by);
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/jpeg", 0.82),
  );
}
