// How do files get into the composer without the button? Pasted where one writes, or dropped on the conversation.

export function listen(form, root, tray) {
  const isReply = () => form.dataset.mode !== "note" && !form.querySelector("[data-attach]").disabled;
  form.addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (!files.length || !isReply()) return;
    event.preventDefault();
    tray.add(files);
  });
  const hasFiles = (event) => isReply() && event.dataTransfer?.types.includes("Files");
  root.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    form.classList.add("is-over");
  });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) form.classList.remove("is-over");
  });
  root.addEventListener("drop", (event) => {
    form.classList.remove("is-over");
    if (!hasFiles(event)) return;
    event.preventDefault();
    tray.add(event.dataTransfer.files);
    form.querySelector("textarea").focus();
  });
}
