// 打开着的页面每两秒问一次：工作簿存过没有，事情做完没有
(function () {
  "use strict";
  var live = document.getElementById("live");
  if (live) {
    setInterval(function () {
      var known = document.getElementById("state").getAttribute("data-as");
      fetch("/live?as=" + encodeURIComponent(known), { credentials: "same-origin" }).then(function (answer) {
        if (answer.status === 200) { return answer.text().then(function (text) { live.innerHTML = text; }); }
      }).catch(function () { live.classList.add("gone"); });
    }, 2000);
  }
  if (document.querySelector("[data-wait]")) {
    setTimeout(function () { location.reload(); }, 500);
  }
})();
