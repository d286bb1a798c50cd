// What in the journal makes a page of the programme out of date.
export const NEWS = [
  "programme.*",
  "milestone.*",
  "compound.*",
  "return.*",
  "place.*",
  "class.*",
  "area.*",
  "asset.*",
  "channel.*",
  "unit.*",
  "pairing.*",
  "money.*",
  "task.*",
];
