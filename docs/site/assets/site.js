// What the theme leaves out for readers who use a keyboard or a screen reader: names for its many
// navigation landmarks, and tables too wide for the screen that can be reached and scrolled.
let named = 0;
const name = (nav) => {
  const title = document.getElementById(nav.getAttribute("aria-labelledby"));
  const said = (title && title.textContent.replace(/\s+/g, " ").trim()) || "code";
  nav.removeAttribute("aria-labelledby");
  nav.setAttribute("aria-label", `${said}, part ${(named += 1)}`);
};
const mend = () => {
  document
    .querySelectorAll("nav.md-code__nav:not([aria-label]), nav[aria-labelledby^='__nav_']")
    .forEach(name);
  document.querySelectorAll(".md-typeset__scrollwrap, .notebook-output, pre > code").forEach((wide) => {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  });
};
addEventListener("DOMContentLoaded", () => {
  mend();
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
});
addEventListener("load", mend);
addEventListener("resize", mend);
