<?php

header('Content-Type: text/plain');
echo 'hello from process ', getmypid(), ' for ', $_SERVER['REQUEST_URI'], "\n";
