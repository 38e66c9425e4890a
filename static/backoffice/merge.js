// Which value is meant when somebody types an own one? That one: its choice is made by typing.
document.addEventListener("input", (event) => {
  const field = event.target.closest("input[name^=own-]");
  if (!field) return;
  const pick = field.name.replace("own-", "pick-");
  const choice = document.querySelector(`input[name="${pick}"][value="own"]`);
  if (choice && field.value.trim()) choice.checked = true;
});
