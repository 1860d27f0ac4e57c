import { render } from "preact";
import { App } from "./app.js";
import { listen, takeToken } from "./connection.js";
import { Store } from "./store.js";
import { applyTheme, storedTheme } from "./theme.js";

const root = document.getElementById("page");
if (root !== null) {
  root.textContent = "";
  applyTheme(storedTheme());
  const token = takeToken();
  const store = new Store((state) => render(<App state={state} token={token} />, root));
  render(<App state={store.state} token={token} />, root);
  listen(token, store);
}
