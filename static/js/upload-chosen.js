/** What somebody chose or dropped, as {file, path, name}: files, and all that is in folders. */
const NOT_SENT = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

export function chosen(fileList) {
  return [...fileList].filter(isWanted).map((file) => {
    const steps = (file.webkitRelativePath || file.name).split("/");
    return { file, name: steps.pop(), path: steps.join("/") };
  });
}

/** Phones give every picture of their camera one name: these have the time instead. */
export function photographed(fileList) {
  return [...fileList].map((file, index) => {
    const at = new Date(file.lastModified - new Date().getTimezoneOffset() * 60_000).toISOString();
    const stamp = at.slice(0, 19).replace("T", " ").replaceAll(":", ".");
    const ending = file.name.includes(".") ? file.name.slice(file.name.lastIndexOf(".")) : ".jpg";
    return { file, name: `Photo ${stamp}${index ? ` ${index + 1}` : ""}${ending}`, path: "" };
  });
}

/** Asked at once: after the event the browser knows them no more. */
export async function dropped(dataTransfer) {
  const items = [...dataTransfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = [...dataTransfer.files];
  if (!entries.length) return chosen(files);
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

async function walk(entry, path, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    if (file && isWanted(file)) found.push({ file, name: file.name, path });
    return;
  }
  const reader = entry.createReader();
  const below = path ? `${path}/${entry.name}` : entry.name;
  for (;;) {
    const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([]))); // a hundred at a time
    if (!entries.length) return;
    for (const one of entries) await walk(one, below, found);
  }
}

function isWanted(file) {
  return !NOT_SENT.has(file.name);
}
