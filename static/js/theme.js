// Runs before the first paint, so that a dark page never flashes white.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // storage may be forbidden: the system's theme is used
}
