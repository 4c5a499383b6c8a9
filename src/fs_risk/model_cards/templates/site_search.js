(function () {
  "use strict";
  var rows = Array.prototype.slice.call(document.querySelectorAll("#register tr"));
  var words = document.getElementById("words");
  var found = document.getElementById("found");
  document.getElementById("search").hidden = false;
  words.addEventListener("input", function () {
    var asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    rows.forEach(function (row) {
      var text = row.getAttribute("data-words");
      row.hidden = !asked.every(function (word) { return text.indexOf(word) >= 0; });
      shown += row.hidden ? 0 : 1;
    });
    var cards = rows.length + (rows.length === 1 ? " card." : " cards.");
    found.textContent = asked.length ? shown + " of " + cards : cards;
  });
}());
